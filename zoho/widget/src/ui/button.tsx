import type { ComponentChildren, JSX } from "preact";

interface ButtonProps extends Omit<JSX.IntrinsicElements["button"], "onClick" | "children" | "class" | "disabled"> {
  children: ComponentChildren;
  kind?: "plain" | "primary" | "danger" | "quiet";
  /** Not to be pressed now, e.g. while the last press is carried out. It keeps the focus all the same. */
  unavailable?: boolean;
  onPress?(): void;
}

/** A button that never loses the keyboard's place: while unavailable it does nothing, and says so. */
export function Button({
  children,
  kind = "plain",
  unavailable = false,
  onPress,
  type = "button",
  ...others
}: ButtonProps) {
  return (
    <button
      {...others}
      type={type}
      class={`button ${kind}`}
      aria-disabled={unavailable}
      onClick={(event) => {
        if (unavailable) event.preventDefault();
        else onPress?.();
      }}
    >
      {children}
    </button>
  );
}
