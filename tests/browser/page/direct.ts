// Two browsers connected to each other: what the network and the codec cost without a server.

import { openSource } from './source.ts';
import { gathered, connectionReaches } from './http.ts';
import { Gauge, type PictureReport } from './gauge.ts';
import { preferCodec, type PublishOptions } from './publisher.ts';
import { videoElement } from './viewer.ts';

type DirectOptions = Pick<PublishOptions, 'source' | 'codec' | 'layers'>;

/** The sending half. */
export class DirectSender {
  readonly pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });

  async offer(options: DirectOptions): Promise<string> {
    const { pc } = this;
    const stream = await openSource(options.source);
    for (const track of stream.getAudioTracks()) pc.addTransceiver(track, { direction: 'sendonly', streams: [stream] });
    const [video] = stream.getVideoTracks();
    if (video === undefined) throw new Error('the source has no picture');
    const transceiver = pc.addTransceiver(video, {
      direction: 'sendonly',
      streams: [stream],
      sendEncodings: options.layers.slice(-1).map(({ maxBitrate }) => ({ maxBitrate })),
    });
    preferCodec(transceiver, options.codec, 'send');
    const parameters = transceiver.sender.getParameters() as RTCRtpSendParameters & { degradationPreference?: string };
    parameters.degradationPreference = 'maintain-resolution';
    await transceiver.sender.setParameters(parameters).catch(() => undefined);
    await pc.setLocalDescription(await pc.createOffer());
    await gathered(pc);
    return pc.localDescription?.sdp ?? '';
  }

  async accept(answer: string): Promise<void> {
    await this.pc.setRemoteDescription({ type: 'answer', sdp: answer });
    await connectionReaches(this.pc, 'connected', 10_000);
  }
}

/** The receiving half. */
export class DirectReceiver {
  readonly pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  readonly video = videoElement();
  readonly gauge = new Gauge(this.video, true);

  async answer(offer: string): Promise<string> {
    const { pc, video } = this;
    pc.addEventListener('track', ({ streams: [stream] }) => {
      if (stream !== undefined && video.srcObject !== stream) video.srcObject = stream;
    });
    await pc.setRemoteDescription({ type: 'offer', sdp: offer });
    await pc.setLocalDescription(await pc.createAnswer());
    await gathered(pc);
    return pc.localDescription?.sdp ?? '';
  }

  report(): PictureReport {
    return this.gauge.report();
  }
}
