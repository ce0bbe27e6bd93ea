// How long received media waits before it is shown.

/** No delay beyond what the network needs; the server asks for the same by the playout-delay extension. */
export function playAtOnce(receiver: RTCRtpReceiver): void {
  if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = 0;
  else (receiver as { playoutDelayHint?: number }).playoutDelayHint = 0;
}
