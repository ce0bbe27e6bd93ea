// Types of the parts that we use of libraries that ship none that fit.

declare module 'whip-whep/whip.js' {
  export class WHIPClient {
    publish(pc: RTCPeerConnection, url: string, token?: string): Promise<void>;
    stop(): Promise<void>;
  }
}

declare module 'whip-whep/whep.js' {
  export class WHEPClient extends EventTarget {
    view(pc: RTCPeerConnection, url: string, token?: string): Promise<void>;
    stop(): Promise<void>;
  }
}

declare module '@eyevinn/webrtc-player' {
  export class WebRTCPlayer {
    constructor(options: { video: HTMLVideoElement; type: 'whep' });
    load(url: URL): Promise<void>;
    destroy(): void;
  }
}
