import { MUTANTS } from './mutants.ts';
import { STREAM_MUTANTS } from './stream-mutants.ts';

export const ALL_MUTANTS = [...MUTANTS, ...STREAM_MUTANTS];
