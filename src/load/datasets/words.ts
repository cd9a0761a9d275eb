/** Common short English words that are one token each after a space in the tokenizers of current models. */
export const commonWords: readonly string[] = (
  'the of and to in is that for it as was with be by on not he his but at are this have from which or had they you ' +
  'were all we her she there would their will when who him been has more if no out so said what up its about than ' +
  'into them can only other new some could time these two may then do first any my now such like our over man me ' +
  'even most made after also did many before must through back years where much your way well down should because ' +
  'each just those people how too little state good very make world still own see men work long get here between ' +
  'both life being under never day same another know while last might us great old year off come since against go ' +
  'came right used take three place part high water house without again small found left home end number large'
).split(' ');
