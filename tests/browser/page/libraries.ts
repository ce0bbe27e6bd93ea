// Third-party WHIP and WHEP clients, unchanged, as any web page would use them.

import { WHIPClient as EyevinnWhip } from '@eyevinn/whip-web-client';
import { WebRTCPlayer } from '@eyevinn/webrtc-player';
import { WHIPClient as MedoozeWhip } from 'whip-whep/whip.js';
import { WHEPClient as MedoozeWhep } from 'whip-whep/whep.js';

import { Gauge, type PictureReport } from './gauge.ts';
import { connectionReaches } from './http.ts';
import { openSource, type SourceOptions } from './source.ts';
import { videoElement } from './viewer.ts';

export type LibraryName = 'medooze' | 'eyevinn';

export interface LibraryOptions {
  library: LibraryName;
  url: string;
  token?: string;
  source: SourceOptions;
}

export class LibraryPublisher {
  #stop: () => Promise<unknown> = async () => undefined;

  static async start({ library, url, token, source }: LibraryOptions): Promise<LibraryPublisher> {
    const publisher = new LibraryPublisher();
    const stream = await openSource(source);
    if (library === 'medooze') {
      const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
      for (const track of stream.getTracks()) pc.addTransceiver(track, { direction: 'sendonly', streams: [stream] });
      const whip = new MedoozeWhip();
      await whip.publish(pc, url, token);
      publisher.#stop = () => whip.stop();
      await connectionReaches(pc, 'connected', 10_000);
    } else {
      const whip = new EyevinnWhip({ endpoint: url, opts: token === undefined ? {} : { authkey: token } });
      await whip.ingest(stream);
      publisher.#stop = () => whip.destroy();
    }
    return publisher;
  }

  async stop(): Promise<void> {
    await this.#stop();
  }
}

export class LibraryViewer {
  readonly video = videoElement();
  readonly gauge = new Gauge(this.video, false);
  #stop: () => Promise<unknown> = async () => undefined;

  static async start({ library, url, token }: Omit<LibraryOptions, 'source'>): Promise<LibraryViewer> {
    const viewer = new LibraryViewer();
    const { video } = viewer;
    video.muted = true;
    if (library === 'medooze') {
      const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
      pc.addTransceiver('audio', { direction: 'recvonly' });
      pc.addTransceiver('video', { direction: 'recvonly' });
      pc.addEventListener('track', ({ streams: [stream] }) => {
        if (stream !== undefined) video.srcObject = stream;
      });
      const whep = new MedoozeWhep();
      await whep.view(pc, url, token);
      viewer.#stop = () => whep.stop();
    } else {
      const player = new WebRTCPlayer({ video, type: 'whep' });
      await player.load(new URL(url));
      viewer.#stop = async () => player.destroy();
    }
    await viewer.gauge.reaches(1, 15_000);
    return viewer;
  }

  report(): PictureReport {
    return this.gauge.report();
  }

  async stop(): Promise<void> {
    await this.#stop();
  }
}
