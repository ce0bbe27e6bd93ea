// Handles: the short names in addresses.

export const HANDLE_MIN = 3;
export const HANDLE_MAX = 30;

/** A handle made of a name: "Zoë van Dyk" becomes "zoe-van-dyk". Empty where nothing can be kept. */
export function suggestHandle(name: string): string {
  const plain = name
    .replaceAll('ß', 'ss')
    .replaceAll('ä', 'ae')
    .replaceAll('ö', 'oe')
    .replaceAll('ü', 'ue')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, HANDLE_MAX)
    .replace(/-+$/, '');
  return plain.length >= HANDLE_MIN ? plain : '';
}

/** Whether the server will take it. */
export function validHandle(handle: string): boolean {
  return (
    handle.length >= HANDLE_MIN &&
    handle.length <= HANDLE_MAX &&
    /^[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?$/i.test(handle)
  );
}
