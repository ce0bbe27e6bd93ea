export default function EmbedPage({ stream }: { stream: string }) {
  return <h1>{stream}</h1>;
}
