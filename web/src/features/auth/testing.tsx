import { render } from '@testing-library/react';
import type { ComponentType } from 'react';
import { I18nProvider, type Language } from '@/messages/i18n';
import { rules } from '@/testing/people';
import { json } from '@/testing/server';

/** The route that every page of the door asks. */
export const RULES = { 'GET /server': () => json(rules()) };

/** A page of the door, in the frame of the app. */
export function show(Page: ComponentType, language: Language = 'en') {
  return render(
    <I18nProvider initial={language}>
      <main>
        <Page />
      </main>
    </I18nProvider>,
  );
}
