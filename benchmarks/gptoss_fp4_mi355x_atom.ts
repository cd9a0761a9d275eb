import { atom } from './builders/atom.ts';

export const recipe = atom({ env: { ATOM_GPT_OSS_MODEL: '1' } });
