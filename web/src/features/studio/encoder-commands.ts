// Commands that publish to a stream, ready to paste into a shell.

export interface EncoderTarget {
  url: string;
  key: string;
}

export function ffmpegCommand({ url, key }: EncoderTarget): string {
  return [
    'ffmpeg -re -i input.mp4',
    '  -c:v libx264 -profile:v baseline -tune zerolatency -bf 0 -g 30 -b:v 2500k',
    '  -c:a libopus -ar 48000 -ac 2 -b:a 128k',
    `  -f whip -authorization "${key}" "${url}"`,
  ].join(' \\\n');
}

/** The empty STUN server is quoted for GStreamer, not only for the shell, or it swallows the next property. */
export function gstreamerCommand({ url, key }: EncoderTarget): string {
  return [
    'gst-launch-1.0 -e whipclientsink name=out do-fec=false',
    `  'stun-server=""' video-caps=video/x-h264`,
    `  signaller::whip-endpoint="${url}"`,
    `  signaller::auth-token="${key}"`,
    '  videotestsrc is-live=true ! video/x-raw,width=1280,height=720,framerate=30/1 ! out.',
    '  audiotestsrc is-live=true wave=ticks ! out.',
  ].join(' \\\n');
}
