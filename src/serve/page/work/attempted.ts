import { ApiFailure } from '../net/api.ts';

/** Does something, and says why it did not work. */
export async function attempted(tell: (words: string) => void, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    tell(error instanceof ApiFailure ? error.message : 'That did not work.');
  }
}
