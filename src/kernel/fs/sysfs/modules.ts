// /sys/module: what is loaded, and parameters of what is built in. Linux: Documentation/ABI/stable/sysfs-module
import { EINVAL, EROFS } from "../../../abi/errno.ts";
import { fromText, toText } from "../../../lib/byte-string.ts";
import { taintReasons } from "../../crash/taint.ts";
import type { Kernel } from "../../kernel.ts";
import type { Module } from "../../module/module.ts";
import { type Parameter, parameterText, setParameter } from "../../module/parameters.ts";
import { bind, type Directory, directory, link, page, type Row } from "../rows/row.ts";

const DT_REG = 8;
const DT_DIR = 4;
const DT_LNK = 10;

const attribute = (name: string, text: (module: Module) => string | number): Row<Module> =>
  page(name, 0o444, (module) => `${text(module)}\n`);

const parameterRow = (name: string, { mode = 0 }: Parameter): Row<Parameter> =>
  page(name, mode & 0o666, (parameter) => fromText(`${parameterText(parameter)}\n`), {
    ...(mode & 0o222 ? { write: (parameter, text) => setParameter(parameter, toText(text.replace(/\n$/, ""))) } : {}),
  });

/** Those that have a file, by name. */
const shownParameters = (module: Module): [string, Parameter][] =>
  Object.entries(module.code.parameters ?? {}).filter(([, { mode = 0 }]) => mode !== 0);

const parameters: Row<Module> = directory("parameters", [], {
  dynamic: {
    list: (module) => shownParameters(module).map(([name]) => ({ name, type: DT_REG })),
    find(module, name) {
      const parameter = shownParameters(module).find(([each]) => each === name)?.[1];
      return parameter
        ? { show: bind(parameterRow(name, parameter), parameter, undefined), key: parameter }
        : undefined;
    },
  },
});

const holders: Row<Module> = directory("holders", [], {
  dynamic: {
    list: ({ users }) => [...users].map(({ name }) => ({ name, type: DT_LNK })),
    find({ users }, name) {
      const holder = [...users].find((user) => user.name === name);
      if (!holder) return undefined;
      return {
        show: bind(
          link<Module>(name, (of) => `../../${of.name}`),
          holder,
          undefined,
        ),
        key: holder,
      };
    },
  },
});

const moduleRows: readonly Row<Module>[] = [
  attribute("coresize", ({ size }) => size),
  holders,
  attribute("initsize", () => 0),
  attribute("initstate", ({ state }) => state),
  directory("notes", []),
  parameters,
  attribute("refcnt", ({ referenceCount }) => referenceCount),
  directory("sections", []),
  attribute("taint", ({ taints }) =>
    taintReasons(taints)
      .map(({ letter }) => letter)
      .join(""),
  ),
  page("uevent", 0o200, () => EINVAL, { write: () => 0 }),
];

function moduleDirectory(module: Module): Directory<Module> {
  const given = ["srcversion", "version"].flatMap((name) => {
    const value = module.info(name);
    return value === undefined ? [] : [attribute(name, () => fromText(value))];
  });
  return directory("module", [...moduleRows, ...given]);
}

const enforcement: Row<Kernel> = page(
  "sig_enforce",
  0o644,
  ({ modules }) => `${modules.enforceSignatures ? "Y" : "N"}\n`,
  {
    write({ modules }, text) {
      const wanted: Parameter = { type: "bool", value: false };
      if (setParameter(wanted, text.trim()) !== 0) return EINVAL;
      // Once on it stays on.
      if (modules.enforceSignatures && wanted.value === false) return EROFS;
      modules.enforceSignatures ||= wanted.value === true;
      return 0;
    },
  },
);

const builtIn: readonly Row<Kernel>[] = [
  directory("kernel", [
    directory("parameters", [
      page("panic", 0o444, ({ sysctl }) => `${sysctl.get("kernel/panic")}\n`),
      page("panic_on_warn", 0o444, ({ sysctl }) => `${sysctl.get("kernel/panic_on_warn")}\n`),
    ]),
  ]),
  directory("module", [directory("parameters", [enforcement])]),
];

export const moduleTree: Row<Kernel> = directory("module", builtIn, {
  dynamic: {
    list: ({ modules }) => modules.all.map(({ name }) => ({ name, type: DT_DIR })),
    find({ modules }, name) {
      const module = modules.get(name);
      return module ? { show: bind(moduleDirectory(module), module, undefined), key: module } : undefined;
    },
  },
});
