import { GroupManager } from '../../../src/sdk/group/manager.ts';
import { type Mutant, replaced } from './mutant.ts';

/** Planted in what a manager does with whole groups. */
export const MANAGER_MUTANTS: readonly Mutant[] = [
  {
    name: 'a live group is deleted as if it rested',
    seed: 227,
    patch: () =>
      replaced(
        GroupManager.prototype,
        'delete',
        real =>
          async function (this: GroupManager, id, options) {
            await (await this.opened(id))?.dispose();
            await real.call(this, id, options);
          },
      ),
  },
  {
    name: 'a delete that is refused has closed the group',
    seed: 227,
    patch: () =>
      replaced(
        GroupManager.prototype,
        'delete',
        real =>
          async function (this: GroupManager, id, options) {
            try {
              await real.call(this, id, options);
            } catch (error) {
              await (await this.opened(id))?.dispose();
              throw error;
            }
          },
      ),
  },
  {
    name: 'a delete only hides the group, and says that it is gone',
    seed: 7,
    patch: () =>
      replaced(
        GroupManager.prototype,
        'delete',
        () =>
          async function (this: GroupManager, id, options) {
            await this.archive(id, options).catch(() => {});
          },
      ),
  },
];
