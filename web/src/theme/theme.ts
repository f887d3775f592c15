import {
  ActionIcon,
  Badge,
  Button,
  createTheme,
  type MantineColorsTuple,
  Menu,
  Modal,
  Popover,
  SegmentedControl,
  Select,
  Table,
  TextInput,
  Tooltip,
} from "@mantine/core";

const tower: MantineColorsTuple = [
  "#eef0ff",
  "#dfe3fd",
  "#bfc7f8",
  "#9ea9f3",
  "#8290ee",
  "#6d7be6",
  "#5a68da",
  "#4a57c6",
  "#3d49ac",
  "#2f3a8c",
];
const lantern: MantineColorsTuple = [
  "#e3fbf6",
  "#c8f4ea",
  "#96e7d5",
  "#5fd8bf",
  "#35c9ab",
  "#1fb598",
  "#139c82",
  "#0d7f6b",
  "#086554",
  "#044a3e",
];
const dark: MantineColorsTuple = [
  "#dfe3ec",
  "#b9c0cf",
  "#98a1b5",
  "#717b91",
  "#3d4659",
  "#2c3444",
  "#1f2532",
  "#161b25",
  "#10141c",
  "#0b0e14",
];
const gray: MantineColorsTuple = [
  "#f7f8fb",
  "#eff1f6",
  "#e4e7ef",
  "#d5d9e4",
  "#bcc2d1",
  "#939bae",
  "#646d82",
  "#4a5266",
  "#323949",
  "#1c212d",
];

/** fonts of the system, Japanese included; nothing is downloaded. */
const sans =
  '"Inter", system-ui, -apple-system, "Segoe UI", "Hiragino Sans", "Yu Gothic UI", "Noto Sans JP", "Noto Sans CJK JP", Roboto, sans-serif';
const mono =
  'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", "Noto Sans Mono CJK JP", monospace';

export const theme = createTheme({
  primaryColor: "tower",
  primaryShade: { light: 8, dark: 7 },
  colors: { tower, lantern, dark, gray },
  white: "#ffffff",
  black: "#1c212d",
  fontFamily: sans,
  fontFamilyMonospace: mono,
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.25rem" },
  lineHeights: { xs: "1.35", sm: "1.4", md: "1.45", lg: "1.5", xl: "1.5" },
  headings: {
    fontWeight: "650",
    sizes: { h1: { fontSize: "1.25rem" }, h2: { fontSize: "1rem" }, h3: { fontSize: "0.875rem" } },
  },
  defaultRadius: "md",
  radius: { xs: "3px", sm: "5px", md: "7px", lg: "10px", xl: "16px" },
  spacing: { xs: "0.5rem", sm: "0.75rem", md: "1rem", lg: "1.25rem", xl: "2rem" },
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Button: Button.extend({ defaultProps: { size: "xs" } }),
    ActionIcon: ActionIcon.extend({ defaultProps: { size: "md", variant: "subtle", color: "gray" } }),
    TextInput: TextInput.extend({ defaultProps: { size: "xs" } }),
    Select: Select.extend({ defaultProps: { size: "xs", comboboxProps: { shadow: "md" } } }),
    SegmentedControl: SegmentedControl.extend({ defaultProps: { size: "xs" } }),
    Menu: Menu.extend({ defaultProps: { shadow: "md", withinPortal: true } }),
    Popover: Popover.extend({ defaultProps: { shadow: "md", withinPortal: true } }),
    Modal: Modal.extend({ defaultProps: { centered: true, overlayProps: { blur: 2, backgroundOpacity: 0.4 } } }),
    Table: Table.extend({ defaultProps: { verticalSpacing: 6, horizontalSpacing: "sm" } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 350, withArrow: true, fz: "xs" } }),
    Badge: Badge.extend({ defaultProps: { tt: "none", fw: 600, radius: "sm" } }),
  },
});
