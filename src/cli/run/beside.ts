import type { DrivenGroup } from '../services.ts';

/** Makes a group beside something that it is seen through; both end together, also where none can be made. */
export async function madeBeside(
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
    // It changes with the definition.
    get group() {
      return group.group;
    },
    dispose: () => group.dispose().finally(() => companion.close()),
  };
}
