/** As much of a peer connection as an offer needs: jsdom has none. */
export class FakePeer extends EventTarget {
  signalingState = 'stable';
  connectionState = 'new';
  iceGatheringState = 'new';
  localDescription: { sdp: string } | null = null;
  addTransceiver() {}
  createDataChannel() {
    return Object.assign(new EventTarget(), { readyState: 'connecting', close: () => undefined });
  }
  createOffer() {
    return Promise.resolve({ type: 'offer', sdp: 'v=0' });
  }
  setLocalDescription(description: { sdp: string }) {
    this.localDescription = description;
    this.signalingState = 'have-local-offer';
    return Promise.resolve();
  }
  getStats() {
    return Promise.resolve(new Map());
  }
  close() {}
}
