import axe from 'axe-core';

/** Rules that need a real layout engine are checked by eye and by the contrast test of the tokens. */
const WITHOUT_LAYOUT = { 'color-contrast': { enabled: false }, region: { enabled: false } };

/** What axe finds wrong, as sentences. */
export async function accessibilityProblems(element: Element): Promise<string[]> {
  const { violations } = await axe.run(element, { rules: WITHOUT_LAYOUT });
  return violations.map(
    (violation) => `${violation.id}: ${violation.nodes.map((node) => node.html).join(' | ')}`,
  );
}
