export default function WatchPage({ stream }: { stream: string }) {
  return <h1>{stream}</h1>;
}
