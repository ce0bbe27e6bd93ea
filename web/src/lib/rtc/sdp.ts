// The few edits of session descriptions that WebRTC has no interface for.

/** Asks for stereo Opus: without it browsers decode, and encode, one channel (RFC 7587 §6.1). */
export function withStereoOpus(
  sdp: string,
  parameters: Record<string, string> = { stereo: '1' },
): string {
  const payload = /^a=rtpmap:(\d+) opus\/48000/im.exec(sdp)?.[1];
  if (payload === undefined) return sdp;
  const fmtp = new RegExp(`^a=fmtp:${payload} (.*)$`, 'm');
  const wanted = Object.entries(parameters);
  const found = fmtp.exec(sdp)?.[1]?.trim();
  if (found === undefined) {
    const line = `a=fmtp:${payload} ${wanted.map(([key, value]) => `${key}=${value}`).join(';')}`;
    return sdp.replace(new RegExp(`^(a=rtpmap:${payload} .*)$`, 'm'), `$1\r\n${line}`);
  }
  const kept = found
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '' && !wanted.some(([key]) => part.startsWith(`${key}=`)));
  const all = [...kept, ...wanted.map(([key, value]) => `${key}=${value}`)].join(';');
  return sdp.replace(fmtp, `a=fmtp:${payload} ${all}`);
}

/** A trickle fragment (RFC 8840 §4.4) for the bundled transport of `sdp`. */
export function iceFragment(sdp: string, candidates: readonly string[], complete: boolean): string {
  const media = /^m=.*$/m.exec(sdp)?.[0]?.trim() ?? 'm=audio 9 UDP/TLS/RTP/SAVPF 0';
  const lines = [
    ...lineOf(sdp, 'a=group:BUNDLE'),
    media,
    ...lineOf(sdp, 'a=mid:'),
    ...lineOf(sdp, 'a=ice-ufrag:'),
    ...lineOf(sdp, 'a=ice-pwd:'),
    ...lineOf(sdp, 'a=ice-options:'),
    ...candidates.filter((candidate) => candidate !== '').map((candidate) => `a=${candidate}`),
    ...(complete ? ['a=end-of-candidates'] : []),
  ];
  return `${lines.join('\r\n')}\r\n`;
}

/** The answer in force with its ICE part replaced by that of a restart's reply (RFC 9725 §4.3.3). */
export function withIce(answer: string, fragment: string): string {
  const ufrag = lineOf(fragment, 'a=ice-ufrag:')[0];
  const password = lineOf(fragment, 'a=ice-pwd:')[0];
  if (ufrag === undefined || password === undefined)
    throw new Error('The restart has no credentials');
  const candidates = fragment
    .split(/\r?\n/)
    .filter((line) => line.startsWith('a=candidate:') || line === 'a=end-of-candidates');
  let placed = false;
  const lines = answer
    .trimEnd()
    .split(/\r?\n/)
    .flatMap((line) => {
      if (line.startsWith('a=candidate:') || line === 'a=end-of-candidates') return [];
      if (line.startsWith('a=ice-ufrag:')) return [ufrag];
      if (!line.startsWith('a=ice-pwd:')) return [line];
      if (placed) return [password];
      placed = true;
      return [password, ...candidates];
    });
  return `${lines.join('\r\n')}\r\n`;
}

function lineOf(sdp: string, prefix: string): string[] {
  const line = sdp.split(/\r?\n/).find((candidate) => candidate.startsWith(prefix));
  return line === undefined ? [] : [line];
}
