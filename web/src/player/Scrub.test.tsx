import { fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { Scrub } from './Scrub';
import type { Timeline } from './timeline';

describe('the bar', () => {
  const timeline: Timeline = {
    kind: 'recording',
    start: 0,
    end: 100_000,
    at: 20_000,
    loaded: 30_000,
    atEdge: false,
  };

  it('is moved by keys of its own, and never beyond its ends', async () => {
    const user = userEvent.setup();
    const onSeek = vi.fn();
    render(<Scrub timeline={timeline} onSeek={onSeek} />);
    screen.getByRole('slider').focus();
    await user.keyboard('{ArrowLeft}{PageDown}{PageUp}{Home}{End}');
    expect(onSeek.mock.calls.flat()).toEqual([15_000, 0, 80_000, 0, 100_000]);
  });

  it('shows what is where the pointer is, and goes there', () => {
    const onSeek = vi.fn();
    render(
      <Scrub
        timeline={timeline}
        chapters={[{ at_ms: 40_000, title: 'Roof' }]}
        tiles={[
          { start: 0, end: 1, url: 'https://a.example/s.jpg', x: 0, y: 0, width: 160, height: 90 },
        ]}
        onSeek={onSeek}
      />,
    );
    const bar = screen.getByRole('slider');
    bar.getBoundingClientRect = () => ({ left: 0, width: 200 }) as DOMRect;
    bar.setPointerCapture = () => undefined;
    // jsdom has no pointers; they are mice with a name.
    const point = (type: string, clientX: number) =>
      fireEvent(bar, new MouseEvent(type, { bubbles: true, clientX, button: 0 }));
    point('pointermove', 100);
    expect(bar.textContent).toBe('Roof0:50');
    point('pointerdown', 100);
    point('pointerup', 150);
    expect(onSeek.mock.calls).toEqual([[75_000]]);
  });
});
