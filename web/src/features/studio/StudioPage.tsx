import '@/messages/areas/studio';
import { useState } from 'react';
import { Guard } from '@/components/Guard';
import { GuestStudio } from './GuestStudio';
import { StreamsPage } from './StreamsPage';

/** The own streams; or going live with a key, where the address brings a stream along. */
export default function StudioPage() {
  const [guest] = useState(() => new URLSearchParams(location.search).has('stream'));
  return guest ? (
    <GuestStudio />
  ) : (
    <Guard>
      <StreamsPage />
    </Guard>
  );
}
