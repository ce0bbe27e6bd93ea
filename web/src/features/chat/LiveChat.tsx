import { useChat } from './use-chat';
import { ChatPanel } from './ChatPanel';
import styles from './Desk.module.css';

/** The chat in the studio while live, on the connection of the publisher where there is one. */
export default function LiveChat({
  stream,
  peer,
}: {
  stream: { id: string; name: string };
  peer: RTCPeerConnection | null;
}) {
  const { chat, state } = useChat(stream.id, peer, peer !== null);
  return (
    <div className={styles.live}>
      <ChatPanel stream={stream} chat={chat} state={state} />
    </div>
  );
}
