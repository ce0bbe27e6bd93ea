import { useEffect, useState } from 'react';

export type Sound = 'heard' | 'silent' | 'noSound';

const LOOK_MS = 250;
/** Quieter than this is the noise of a microphone that nobody speaks into. */
const THRESHOLD = 0.01;

/** Whether a source has sound that is not silence; once heard it stays heard. Null without a source. */
export function useSoundLevel(stream: MediaStream | null): Sound | null {
  const [sound, setSound] = useState<Sound | null>(null);
  useEffect(() => {
    setSound(null);
    if (stream === null) return;
    if (stream.getAudioTracks().length === 0) {
      setSound('noSound');
      return;
    }
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    setSound('silent');
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      if (!samples.some((sample) => Math.abs(sample) > THRESHOLD)) return;
      setSound('heard');
      clearInterval(timer);
    }, LOOK_MS);
    return () => {
      clearInterval(timer);
      void context.close();
    };
  }, [stream]);
  return sound;
}
