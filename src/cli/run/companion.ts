import type { DrivenGroup } from '../services.ts';

/** Creates a group that closes its companion, a page or an inspector, when it ends or cannot be created. */
export async function withCompanion(
  companion: { close(): Promise<void> },
  make: () => Promise<DrivenGroup>,
): Promise<DrivenGroup> {
  let group: DrivenGroup;
  try {
    group = await make();
  } catch (error) {
    await companion.close();
    throw error;
  }
  return {
    ...group,
    // A getter, because it changes with the definition.
    get group() {
      return group.group;
    },
    dispose: () => group.dispose().finally(() => companion.close()),
  };
}
