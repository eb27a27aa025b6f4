import { render } from "preact";
import { startDirect } from "./host/direct.ts";
import { startZoho } from "./host/zoho.ts";
import { Widget } from "./widget.tsx";
import "./style/widget.css";

const query = new URLSearchParams(location.search);
const root = document.getElementById("santral");
root?.replaceChildren();
if (root) render(<Widget starting={query.has("direct") ? startDirect(query) : startZoho()} />, root);
