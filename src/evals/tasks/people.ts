/** Whom the generated questions are about; their order is part of every seeded question. */
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
