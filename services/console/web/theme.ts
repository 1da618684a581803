/** Mantine, in the console's own colours: its components take the tokens of `styles/tokens.css`. */
import { createTheme, type MantineColorsTuple } from '@mantine/core';

const accent: MantineColorsTuple = [
  '#eef3fd',
  '#dce6fa',
  '#b5caf4',
  '#8aabee',
  '#6691e9',
  '#4f80e6',
  '#4277e5',
  '#2456c6',
  '#1d49ab',
  '#133c92',
];

export const theme = createTheme({
  fontFamily: 'inherit',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, monospace',
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 4 },
  colors: { accent },
  // A console is read close up: its text is 14 px throughout.
  fontSizes: { xs: '12px', sm: '13px', md: '14px' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
});
