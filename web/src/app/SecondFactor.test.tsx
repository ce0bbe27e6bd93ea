import { act, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ThemeProvider } from '@/components/theme';
import { session } from '@/lib/auth/session';
import { I18nProvider } from '@/messages/i18n';
import { accessibilityProblems } from '@/testing/axe';
import { somebody, tokensOf } from '@/testing/people';
import { json, serve } from '@/testing/server';
import { SecondFactor } from './SecondFactor';

const required = (totp: boolean) => ({
  ...somebody('admin'),
  mfa: { totp, backup_codes_left: totp ? 10 : 0, required: true },
});

function show() {
  return render(
    <ThemeProvider>
      <I18nProvider initial="en">
        <main>
          <SecondFactor>
            <h1>The page</h1>
          </SecondFactor>
        </main>
      </I18nProvider>
    </ThemeProvider>,
  );
}

beforeEach(() => session.forget());
afterEach(() => {
  session.forget();
  vi.unstubAllGlobals();
});

// Requirements: R16
describe('the second factor that an organisation asks for', () => {
  it('is set up before anything else, and its backup codes are seen', async () => {
    serve({
      'POST /me/totp': () =>
        json({
          secret: 'JBSWY3DPEHPK3PXP',
          otpauth_url: 'otpauth://totp/x?secret=JBSWY3DPEHPK3PXP',
        }),
      'POST /me/totp/confirm': () => json({ backup_codes: ['code-0', 'code-1'] }),
      'GET /me': () => json(required(true), 200, { etag: '"v2"' }),
    });
    session.accept(tokensOf(required(false)));
    const { container } = show();
    const user = userEvent.setup();
    expect(await screen.findByRole('heading', { level: 1, name: 'One more step' })).toBeTruthy();
    expect(screen.queryByText('The page')).toBeNull();
    expect(await accessibilityProblems(container)).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Set it up' }));
    await user.type(await screen.findByLabelText('Code of the app'), '123456');
    await user.click(screen.getByRole('button', { name: 'Turn on' }));
    expect(await screen.findByText('code-1')).toBeTruthy();
    expect(screen.queryByText('The page')).toBeNull();
    await user.click(screen.getByRole('checkbox', { name: 'I have kept them in a safe place' }));
    await user.click(screen.getByRole('button', { name: 'Done' }));
    expect(screen.getByRole('heading', { name: 'The page' })).toBeTruthy();
  });

  it("stands in nobody else's way", () => {
    session.accept(tokensOf(required(true)));
    show();
    expect(screen.getByRole('heading', { name: 'The page' })).toBeTruthy();
  });

  it('is asked for as soon as the server refuses anything else, and not after signing out', async () => {
    session.accept(tokensOf(required(true)));
    show();
    act(() => session.lacksSecondFactor());
    expect(await screen.findByRole('heading', { name: 'One more step' })).toBeTruthy();
    act(() => session.forget());
    await waitFor(() => expect(screen.getByRole('heading', { name: 'The page' })).toBeTruthy());
  });
});
