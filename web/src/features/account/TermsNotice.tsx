import { useState } from 'react';
import { Button } from '@/components/Button';
import { Note, ProblemText } from '@/components/ProblemNote';
import { asProblem } from '@/components/use-load';
import { acceptTerms } from '@/lib/api/me';
import type { ProblemError } from '@/lib/api/problem';
import type { LegalDocumentInfo } from '@/lib/api/types';
import { useT } from '@/messages/i18n';

/** Newer terms than those that were accepted. */
export function TermsNotice({
  terms,
  onAccepted,
}: {
  terms: LegalDocumentInfo;
  onAccepted(): void;
}) {
  const t = useT();
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const accept = async () => {
    try {
      await acceptTerms(terms.id);
      onAccepted();
    } catch (error) {
      setProblem(asProblem(error));
    }
  };
  return (
    <Note
      tone="warn"
      title={t('account.terms.title')}
      action={<Button onClick={() => void accept()}>{t('account.terms.accept')}</Button>}
    >
      <span>{t('account.terms.text', { title: terms.title, version: terms.version })}</span>
      {problem !== null && <ProblemText problem={problem} />}
    </Note>
  );
}
