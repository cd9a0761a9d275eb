/** Names for generated questions; their order affects every seeded question. */
export const people = [
  'Ana',
  'Bela',
  'Chidi',
  'Dana',
  'Emre',
  'Fatou',
  'Goran',
  'Hana',
  'Ines',
  'Jonas',
  'Kofi',
  'Lena',
];
