/** What a line of .env means, by Compose: the text, and the value that X then has. */
export const cases = [
  ['plain', 'X=a1', 'a1'],
  ['double quotes', 'X="a b"', 'a b'],
  ['single quotes', "X='a b'", 'a b'],
  ['a comment after the value', 'X=a1 # why', 'a1'],
  ['a comment after quotes', 'X="a1" # why', 'a1'],
  ['a # inside the value', 'X=a#1', 'a#1'],
  ['a # inside quotes', 'X="a #1"', 'a #1'],
  ['export', 'export X=a1', 'a1'],
  ['CRLF', 'X=a1\r\nY=2\r\n', 'a1'],
  ['CRLF after quotes', 'X="a1"\r\n', 'a1'],
  ['spaces around =', 'X = a1', 'a1'],
  ['spaces at the end', 'X=a1  ', 'a1'],
  ['a colon for =', 'X: a1', 'a1'],
  ['an equals sign in the value', 'X=a=b', 'a=b'],
  ['nothing', 'X=', ''],
  ['empty quotes', "X=''", ''],
  ['twice: the last one counts', 'X=a\nX=b', 'b'],
  ['a reference', 'Y=b\nX=a$Y', 'ab'],
  ['a reference in braces', 'Y=b\nX=${Y}a', 'ba'],
  ['a reference in double quotes', 'Y=b\nX="a ${Y}"', 'a b'],
  ['no reference in single quotes', "Y=b\nX='a$Y'", 'a$Y'],
  ['a default', 'X=${NOT_SET:-d}', 'd'],
  ['an indented line', '  X=a1', 'a1'],
  ['comments and blank lines', '# why\n\nX=a1\n', 'a1'],
  ['no newline at the end', 'Y=1\nX=a1', 'a1'],
  ['an escaped quote', 'X="a\\"b"', 'a"b'],
];

/** What neither Compose nor the scripts take. */
export const refused = [
  ['quotes that do not match', 'X="a'],
  ['a name with a space', 'X Y=1'],
];
