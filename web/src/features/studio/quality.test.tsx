import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import '@/messages/areas/studio';
import { QualityFields } from './QualityFields';
import { firstSettings } from './settings';

beforeEach(() =>
  vi.stubGlobal('RTCRtpSender', {
    getCapabilities: () => ({ codecs: [{ mimeType: 'video/H264' }] }),
  }),
);
afterEach(() => vi.unstubAllGlobals());

// Requirements: R64
it('a creator chooses how large the picture is and how often it changes', async () => {
  const onChange = vi.fn();
  render(<QualityFields settings={firstSettings()} onChange={onChange} />);
  const user = userEvent.setup();
  const size = screen.getByRole<HTMLSelectElement>('combobox', { name: 'Resolution' });
  expect([...size.options].map(({ text }) => text)).toEqual(['360p', '720p', '1080p']);
  expect(size.value).toBe('720');
  await user.selectOptions(size, '1080');
  expect(onChange).toHaveBeenLastCalledWith({ height: 1080, width: 1920 });
  await user.selectOptions(screen.getByRole('combobox', { name: 'Frames a second' }), '60');
  expect(onChange).toHaveBeenLastCalledWith({ fps: 60 });
});
