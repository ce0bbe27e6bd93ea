// What is shown to the media endpoints: a key, or a token that is asked for when it is needed.

export interface Credential {
  text: string;
  /** When it ends, Date.now(); null is never, or not for this page to know. */
  expiresAt: number | null;
}

/** Gives what is good for the next request; null where nothing is needed. */
export type CredentialSource = () => Promise<Credential | null>;

export const NOTHING_TO_SHOW: CredentialSource = () => Promise.resolve(null);

/** A key, or a token that lives as long as the page. */
export function fixed(text: string): CredentialSource {
  const credential = text === '' ? null : { text, expiresAt: null };
  return () => Promise.resolve(credential);
}
