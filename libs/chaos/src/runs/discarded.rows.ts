/**
 * Deletes the rows of a load where that can be done. Where it can't, that is said, and it is no error: whoever has loaded goes on.
 *
 * @param prefix every key of the rows begins with it
 */
export async function discardRows(
  prefix: string,
  deleteRows: () => Promise<void>,
  say: (line: string) => void,
): Promise<void> {
  await deleteRows().catch((error: unknown) => say(`the rows of ${prefix} stay behind: ${String(error)}`));
}
