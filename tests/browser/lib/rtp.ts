// RTP by hand, so that a test decides every bit of it.

const EXTENSION_PROFILE = 0xbede;
const HEADER_BYTES = 12;

/** Largest payload: what OBS's packetizer uses, with room for headers in 1500 bytes. */
const MAX_PAYLOAD = 1200;

export interface PacketFields {
  payloadType: number;
  marker: boolean;
  sequence: number;
  timestamp: number;
  ssrc: number;
  /** One-byte extensions (RFC 8285) by id. */
  extensions: { id: number; value: string }[];
}

export function rtpPacket(fields: PacketFields, payload: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header[0] = fields.extensions.length > 0 ? 0x90 : 0x80;
  header[1] = (fields.marker ? 0x80 : 0) | fields.payloadType;
  header.writeUInt16BE(fields.sequence & 0xffff, 2);
  header.writeUInt32BE(fields.timestamp >>> 0, 4);
  header.writeUInt32BE(fields.ssrc >>> 0, 8);
  if (fields.extensions.length === 0) return Buffer.concat([header, payload]);
  const elements = Buffer.concat(
    fields.extensions.map(({ id, value }) => Buffer.concat([Buffer.from([(id << 4) | (value.length - 1)]), Buffer.from(value)])),
  );
  const padded = Buffer.concat([elements, Buffer.alloc((4 - (elements.length % 4)) % 4)]);
  const extension = Buffer.alloc(4);
  extension.writeUInt16BE(EXTENSION_PROFILE, 0);
  extension.writeUInt16BE(padded.length / 4, 2);
  return Buffer.concat([header, extension, padded, payload]);
}

/** Payloads of one H.264 picture: single NAL units and FU-A fragments (RFC 6184). */
export function h264Payloads(nals: Buffer[]): Buffer[] {
  const FU_A = 28;
  return nals.flatMap((nal) => {
    const first = nal[0] ?? 0;
    return fragments(nal, 1, [(first & 0xe0) | FU_A], first & 0x1f);
  });
}

/** Payloads of one H.265 picture: single NAL units and fragments (RFC 7798 section 4.4.3). */
export function h265Payloads(nals: Buffer[]): Buffer[] {
  const FU = 49;
  return nals.flatMap((nal) => {
    const [first = 0, second = 0] = nal;
    return fragments(nal, 2, [(first & 0x81) | (FU << 1), second], (first >> 1) & 0x3f);
  });
}

/** A NAL unit with a header of so many bytes as it is, or cut up behind `indicator` and a fragment header. */
function fragments(nal: Buffer, header: number, indicator: number[], type: number): Buffer[] {
  if (nal.length <= MAX_PAYLOAD) return [nal];
  const body = nal.subarray(header);
  const room = MAX_PAYLOAD - indicator.length - 1;
  const payloads: Buffer[] = [];
  for (let at = 0; at < body.length; at += room) {
    const part = body.subarray(at, at + room);
    const start = at === 0 ? 0x80 : 0;
    const end = at + part.length === body.length ? 0x40 : 0;
    payloads.push(Buffer.concat([Buffer.from([...indicator, start | end | type]), part]));
  }
  return payloads;
}

/** A sender report (RFC 3550 section 6.4.1) without report blocks. */
export function senderReport(ssrc: number, now: number, timestamp: number, packets: number, octets: number): Buffer {
  const SECONDS_1900_TO_1970 = 2_208_988_800;
  const report = Buffer.alloc(28);
  report[0] = 0x80;
  report[1] = 200;
  report.writeUInt16BE(6, 2);
  report.writeUInt32BE(ssrc >>> 0, 4);
  report.writeUInt32BE((Math.floor(now / 1000) + SECONDS_1900_TO_1970) >>> 0, 8);
  report.writeUInt32BE(Math.floor(((now % 1000) / 1000) * 2 ** 32) >>> 0, 12);
  report.writeUInt32BE(timestamp >>> 0, 16);
  report.writeUInt32BE(packets >>> 0, 20);
  report.writeUInt32BE(octets >>> 0, 24);
  return report;
}

/** The RTCP packets of a compound packet. */
export function rtcpPackets(compound: Buffer): Buffer[] {
  const packets: Buffer[] = [];
  for (let at = 0; at + 4 <= compound.length; ) {
    const length = (compound.readUInt16BE(at + 2) + 1) * 4;
    packets.push(compound.subarray(at, at + length));
    at += length;
  }
  return packets;
}

/** Whether an RTCP packet is a PLI (RFC 4585 section 6.3.1) or a FIR (RFC 5104 section 4.3.1). */
export function asksForKeyFrame(packet: Buffer): boolean {
  const PAYLOAD_FEEDBACK = 206;
  const format = (packet[0] ?? 0) & 0x1f;
  return packet[1] === PAYLOAD_FEEDBACK && (format === 1 || format === 4);
}

/** Sequence numbers that a generic NACK (RFC 4585 section 6.2.1) asks for. */
export function nacks(packet: Buffer): { ssrc: number; sequence: number }[] {
  const TRANSPORT_FEEDBACK = 205;
  if (packet[1] !== TRANSPORT_FEEDBACK || ((packet[0] ?? 0) & 0x1f) !== 1) return [];
  const ssrc = packet.readUInt32BE(8);
  const wanted: { ssrc: number; sequence: number }[] = [];
  for (let entry = 12; entry + 4 <= packet.length; entry += 4) {
    const sequence = packet.readUInt16BE(entry);
    const following = packet.readUInt16BE(entry + 2);
    wanted.push({ ssrc, sequence });
    for (let bit = 0; bit < 16; bit++) {
      if ((following >> bit) & 1) wanted.push({ ssrc, sequence: (sequence + bit + 1) & 0xffff });
    }
  }
  return wanted;
}
