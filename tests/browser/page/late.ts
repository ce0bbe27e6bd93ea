// What did not come in time, in the page and in the test outside.

/** Something was awaited for too long. A machine that is busy may be the reason. */
export class Late extends Error {}

/** What a method gave back. Classes of errors do not leave a page, so what was late is told as a value. */
export type Outcome = { value: unknown } | { late: string };
