import { useEffect, useMemo, useState } from 'react';
import { useMe } from '@/components/session';
import { useSnapshot } from '@/components/use-snapshot';
import { blocks, loadBlocks } from '@/lib/chat/blocks';
import type { Chat } from '@/lib/chat/chat';
import { pageChat } from '@/lib/chat/page-chat';
import type { ChatState } from '@/lib/chat/state';
import type { Row } from '@/lib/chat/types';

/** A chat without a picture beside it: the server knows what it sent, if anything. */
const NOTHING_SEEN = () => null;

/** The chat of a stream as long as the component is there, over `peer` where there is one. */
export function useChat(
  stream: string,
  peer: RTCPeerConnection | null,
  patient: boolean,
  /** Capture time of the picture beside it, as `ChatParts` has it. */
  seen: () => number | null = NOTHING_SEEN,
): { chat: Chat; state: ChatState } {
  const chat = useMemo(() => pageChat(stream, seen), [stream, seen]);
  const [patience] = useState(patient);
  const account = useMe()?.id;
  useEffect(() => {
    chat.start(patience);
    return () => chat.stop();
  }, [chat, patience]);
  useEffect(() => chat.use(peer), [chat, peer]);
  useEffect(() => {
    void loadBlocks();
    chat.identify();
  }, [chat, account]);
  return { chat, state: useSnapshot(chat.state) };
}

/** Without what was written by those whom the reader blocked, or mentions them. */
export function useHeard(rows: readonly Row[]): readonly Row[] {
  const { of: blocked } = useSnapshot(blocks);
  return useMemo(() => {
    if (blocked.size === 0) return rows;
    const isBlocked = (id: string | null) => id !== null && blocked.has(id);
    return rows.filter(
      (row) =>
        row.kind !== 'message' ||
        !(isBlocked(row.message.author.id) || row.message.mentions?.some(isBlocked) === true),
    );
  }, [rows, blocked]);
}
