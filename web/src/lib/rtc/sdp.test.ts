import { describe, expect, it } from 'vitest';
import { iceFragment, withIce, withStereoOpus } from './sdp';

const OFFER = [
  'v=0',
  'a=group:BUNDLE 0 1',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111 63',
  'a=mid:0',
  'a=ice-ufrag:abcd',
  'a=ice-pwd:0123456789012345678901',
  'a=ice-options:trickle',
  'a=rtpmap:111 opus/48000/2',
  'a=fmtp:111 minptime=10;useinbandfec=1',
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  'a=mid:1',
  'a=ice-ufrag:abcd',
  'a=ice-pwd:0123456789012345678901',
  '',
].join('\r\n');

describe('stereo Opus', () => {
  it('is asked for beside the parameters that are there', () => {
    expect(withStereoOpus(OFFER)).toContain('a=fmtp:111 minptime=10;useinbandfec=1;stereo=1\r\n');
  });

  it('replaces a parameter and does not repeat it', () => {
    const once = withStereoOpus(OFFER, { stereo: '0' });
    expect(withStereoOpus(once)).toContain('a=fmtp:111 minptime=10;useinbandfec=1;stereo=1\r\n');
  });

  it('gets its own line where there is none', () => {
    const bare = OFFER.replace('a=fmtp:111 minptime=10;useinbandfec=1\r\n', '');
    expect(withStereoOpus(bare)).toContain('a=rtpmap:111 opus/48000/2\r\na=fmtp:111 stereo=1\r\n');
  });

  it('leaves an offer without Opus alone', () => {
    expect(withStereoOpus('v=0\r\n')).toBe('v=0\r\n');
  });
});

describe('the ICE fragment', () => {
  it('speaks for the first bundled medium', () => {
    expect(
      iceFragment(OFFER, ['candidate:1 1 udp 1 192.0.2.1 9 typ host'], true).split('\r\n'),
    ).toEqual([
      'a=group:BUNDLE 0 1',
      'm=audio 9 UDP/TLS/RTP/SAVPF 111 63',
      'a=mid:0',
      'a=ice-ufrag:abcd',
      'a=ice-pwd:0123456789012345678901',
      'a=ice-options:trickle',
      'a=candidate:1 1 udp 1 192.0.2.1 9 typ host',
      'a=end-of-candidates',
      '',
    ]);
  });

  it('of a restart replaces credentials and the whole candidate set', () => {
    const answer = OFFER.replace(
      'a=ice-options:trickle\r\n',
      'a=candidate:old 1 udp 1 192.0.2.9 1 typ host\r\na=end-of-candidates\r\n',
    );
    const reply =
      'a=ice-ufrag:new1\r\na=ice-pwd:newpassword\r\na=candidate:new 1 udp 1 192.0.2.7 2 typ host\r\n';
    const restarted = withIce(answer, reply);
    expect(restarted.match(/a=ice-ufrag:new1/g)).toHaveLength(2);
    expect(restarted.match(/a=ice-pwd:newpassword/g)).toHaveLength(2);
    expect(restarted.match(/a=candidate:/g)).toHaveLength(1);
    expect(restarted).toContain('192.0.2.7');
    expect(restarted).not.toContain('abcd');
  });

  it('without credentials is refused', () => {
    expect(() => withIce(OFFER, 'a=mid:0\r\n')).toThrow();
  });
});
