import { atom } from './builders/atom.ts';

export const recipe = atom();
