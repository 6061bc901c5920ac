//! The direction of the arrows: no module imports, over however many others, one that imports it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use syn::{
    ItemMod, ItemUse, UseTree,
    visit::{Visit, visit_item_mod, visit_path},
};

/// A module by the names that lead to it from the root of its package; the root itself has none.
type Module = Vec<String>;

/// The modules of a package, each with those that it imports.
struct House {
    files: BTreeMap<Module, PathBuf>,
    arrows: BTreeMap<Module, BTreeSet<Module>>,
}

impl House {
    fn read(sources: &Path) -> Self {
        let mut files = BTreeMap::new();
        find(sources, &[], &mut files);
        let mut house = Self {
            files,
            arrows: BTreeMap::new(),
        };
        for (module, file) in house.files.clone() {
            let mut imports = Imports {
                module: module.clone(),
                paths: Vec::new(),
            };
            imports.visit_file(&syn::parse_file(&fs::read_to_string(file).unwrap()).unwrap());
            let arrows = imports
                .paths
                .into_iter()
                .filter_map(|path| house.owner(path))
                // A module lists its own parts; that is no import.
                .filter(|owner| !owner.starts_with(&module))
                .collect();
            house.arrows.insert(module, arrows);
        }
        house
    }

    /// The module that has what this path names.
    fn owner(&self, mut path: Module) -> Option<Module> {
        while !path.is_empty() {
            if self.files.contains_key(&path) {
                return Some(path);
            }
            path.pop();
        }
        None
    }

    /// The shortest way from a module back to itself, if there is one.
    fn circle(&self, start: &Module) -> Option<Vec<Module>> {
        let mut ways = vec![vec![start.clone()]];
        let mut seen = BTreeSet::new();
        while let Some(way) = (!ways.is_empty()).then(|| ways.remove(0)) {
            for next in &self.arrows[way.last().unwrap()] {
                if next == start {
                    return Some(way);
                }
                if seen.insert(next.clone()) {
                    ways.push([way.as_slice(), std::slice::from_ref(next)].concat());
                }
            }
        }
        None
    }

    fn assert_without_circles(&self) {
        let circles: Vec<String> = self
            .files
            .keys()
            .filter_map(|module| self.circle(module))
            .map(|way| {
                way.iter()
                    .map(|module| module.join("::"))
                    .collect::<Vec<_>>()
                    .join(" → ")
            })
            .collect();
        assert!(circles.is_empty(), "circles:\n{}", circles.join("\n"));
    }
}

fn find(folder: &Path, module: &[String], files: &mut BTreeMap<Module, PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let inner = [module, std::slice::from_ref(&name)].concat();
        if path.is_dir() {
            find(&path, &inner, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let module = match name.as_str() {
                "mod" => module.to_vec(),
                "lib" | "main" if module.is_empty() => continue,
                _ => inner,
            };
            files.insert(module, path);
        }
    }
}

/// Collects the paths within the package that a file imports or writes out.
struct Imports {
    module: Module,
    paths: Vec<Module>,
}

impl Imports {
    fn add(&mut self, names: &[String]) {
        let base = match names.first().map(String::as_str) {
            Some("crate") => Vec::new(),
            Some("self") => self.module.clone(),
            Some("super") => {
                let up = names.iter().take_while(|name| *name == "super").count();
                self.module[..self.module.len().saturating_sub(up)].to_vec()
            }
            _ => return,
        };
        let rest = names
            .iter()
            .skip_while(|name| ["crate", "self", "super"].contains(&name.as_str()));
        self.paths.push(base.into_iter().chain(rest.cloned()).collect());
    }

    fn add_tree(&mut self, before: &[String], tree: &UseTree) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.add_tree(&with(&path.ident), &path.tree),
            UseTree::Name(name) if name.ident == "self" => self.add(before),
            UseTree::Name(name) => self.add(&with(&name.ident)),
            UseTree::Rename(rename) if rename.ident == "self" => self.add(before),
            UseTree::Rename(rename) => self.add(&with(&rename.ident)),
            UseTree::Glob(_) => self.add(before),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_tree(before, tree)),
        }
    }
}

impl<'a> Visit<'a> for Imports {
    fn visit_item_use(&mut self, item: &'a ItemUse) {
        self.add_tree(&[], &item.tree);
    }

    /// Tests may import what they like.
    fn visit_item_mod(&mut self, item: &'a ItemMod) {
        if item.ident != "tests" {
            visit_item_mod(self, item);
        }
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        let names: Vec<String> = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        if names.first().is_some_and(|first| first == "crate") {
            self.add(&names);
        }
        visit_path(self, path);
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn no_module_of_the_engine_stands_in_a_circle() {
    House::read(&root().join("engine/src")).assert_without_circles();
}

#[test]
fn no_module_of_the_faces_stands_in_a_circle() {
    House::read(&root().join("src")).assert_without_circles();
}

#[test]
fn a_slice_imports_neither_the_routes_nor_the_running_server() {
    let house = House::read(&root().join("src"));
    let above = [
        vec!["app".to_owned()],
        vec!["api".to_owned()],
        vec!["server".to_owned(), "router".to_owned()],
        vec!["server".to_owned(), "run".to_owned()],
    ];
    for (module, arrows) in &house.arrows {
        if above.contains(module) || module.first().is_some_and(|first| first == "server") {
            continue;
        }
        for one in &above {
            assert!(!arrows.contains(one), "{module:?} imports {one:?}");
        }
    }
}

#[test]
fn the_engine_depends_on_no_page_and_no_web_server() {
    let manifest = fs::read_to_string(root().join("engine/Cargo.toml")).unwrap();
    for crate_name in ["leptos", "axum", "http", "tower", "hyper", "utoipa", "janji"] {
        assert!(
            !manifest.lines().any(|line| line.starts_with(crate_name)),
            "the engine depends on {crate_name}"
        );
    }
}
