//! The contract as a file: the same from every build, written where it changed, and compared in CI.

use std::path::{Path, PathBuf};
use std::process::Command;

use ereo_contract::shapes::Notice;
use renamed::contract::{Contract, Info};
use renamed::prelude::*;

/// Routes of which not all is known. The others are a library's.
mod unknown {
    use super::*;

    /// Without a schema.
    #[derive(Clone, Serialize, Deserialize, Message)]
    #[message(crate = renamed)]
    pub(super) struct Silent {
        pub(super) text: String,
    }

    #[sse("/silent", crate = renamed)]
    async fn silent(set: Data<ClientSet<Silent>>, last: LastEventId) -> Subscription<Silent> {
        set.subscribe(last)
    }

    #[websocket("/silent/ws", crate = renamed)]
    async fn silent_ws(mut socket: Socket<Silent, Notice>) -> Result<(), SocketError> {
        while let Some(Silent { text }) = socket.recv().await? {
            socket.send(&Notice { text, weight: 0 }).await?;
        }
        Ok(())
    }

    type Pages = Subscription<ereo_contract::shapes::Page<Notice>>;

    #[sse("/generic", crate = renamed)]
    async fn behind_an_alias(
        set: Data<ClientSet<ereo_contract::shapes::Page<Notice>>>,
        last: LastEventId,
    ) -> Pages {
        set.subscribe(last)
    }
}

fn library() -> Contract {
    ereo_contract::routes::text::path();
    renamed::routes().unwrap().only("ereo_contract").contract()
}

fn unknown() -> Contract {
    renamed::routes().unwrap().only(concat!(module_path!(), "::unknown")).contract()
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// `EREO_WRITE=1 cargo test -p ereo-contract --test files the_types` renews it: read it in the diff.
#[test]
fn the_types_of_all_shapes_are_those_of_the_file() {
    library().strict().check(concat!(env!("CARGO_MANIFEST_DIR"), "/types/ereo.gen.ts")).unwrap();
}

#[test]
fn what_is_served_is_what_is_described() {
    let types =
        renamed::routes().unwrap().only("ereo_contract").prefix("/v2").contract().typescript();
    assert!(types.contains(r#""/v2/rooms/{room}/last": {"#), "{types}");
    assert!(types.contains(r#"live: "/v2/rooms/{room}/lines";"#), "{types}");
    assert!(types.contains(r#"path: ["v2", "rooms", string, "last"];"#), "{types}");
    assert!(!types.contains("Silent"), "{types}");
    let scoped = renamed::routes().unwrap().only("ereo_contract").prefix("/v2");
    let both = unknown().and(&scoped).typescript();
    assert!(both.contains(r#""/v2/rooms/{room}/last": {"#) && both.contains(r#""/silent": {"#));
    assert!(both.contains(r#"live: "/v2/rooms/{room}/lines";"#), "{both}");
}

#[test]
fn strict_names_the_place_and_the_word() {
    let types = unknown().typescript();
    assert!(types.contains("// what is sent: its type derives no `JsonSchema`."), "{types}");
    assert!(types.contains("takes: unknown;") && types.contains("sends: Notice;"), "{types}");
    let folder = folder("strict");
    unknown().write(folder.join("ereo.gen.ts")).unwrap();
    let error = unknown().strict().check(folder.join("ereo.gen.ts")).unwrap_err().to_string();
    let lines: Vec<_> = error.lines().collect();
    assert!(lines[0].contains("add `JsonSchema` to the derives"), "{error}");
    assert_eq!(lines.len(), 4, "{error}");
    for (line, path, what) in [
        (lines[1], "GET /generic", "what is sent"),
        (lines[2], "GET /silent ", "what is sent"),
        (lines[3], "GET /silent/ws", "what is received"),
    ] {
        assert!(line.contains(path) && line.contains(what), "{line}");
        assert!(line.contains("tests/files.rs:") || line.contains(r"tests\files.rs:"), "{line}");
    }
    assert!(unknown().strict().write(folder.join("new.ts")).is_err());
    assert!(!folder.join("new.ts").exists());
}

#[test]
fn a_file_is_written_where_it_changed() {
    let folder = folder("written");
    let path = folder.join("ereo.gen.ts");
    assert!(library().check(&path).is_err(), "it is not there");
    assert!(library().write(&path).unwrap());
    let modified = || std::fs::metadata(&path).unwrap().modified().unwrap();
    let before = modified();
    assert!(!library().write(&path).unwrap());
    assert_eq!(modified(), before);
    library().check(&path).unwrap();

    // As git checks it out on another system.
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace('\n', "\r\n")).unwrap();
    library().check(&path).unwrap();

    std::fs::write(&path, text.replace("fromUser: string", "fromUser: number")).unwrap();
    let error = library().check(&path).unwrap_err().to_string();
    assert!(error.contains("fromUser: number") && error.contains("and should be:"), "{error}");
    assert!(error.contains("EREO_WRITE=1"), "{error}");
    assert!(library().write(&path).unwrap());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "nothing is left beside it");

    let nowhere = library().write(folder.join("no/such/folder.ts")).unwrap_err().to_string();
    assert!(nowhere.contains("folder.ts"), "{nowhere}");
    assert!(library().write(folder.join("ereo.yaml")).is_err());
}

#[test]
fn documents_are_files_too() {
    let folder = folder("documents");
    let contract =
        library().info(Info::new("Shapes", "1.2.3").server("https://shapes.example/api"));
    contract.write(folder.join("asyncapi.json")).unwrap();
    contract.write(folder.join("openapi.json")).unwrap();
    let read = |name: &str| -> serde_json::Value {
        serde_json::from_str(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap()
    };
    let (asyncapi, openapi) = (read("asyncapi.json"), read("openapi.json"));
    assert_eq!(asyncapi["asyncapi"], "3.0.0");
    assert_eq!(asyncapi["info"]["version"], "1.2.3");
    assert_eq!(asyncapi["servers"]["ws"]["protocol"], "wss");
    assert_eq!(asyncapi["servers"]["http"]["pathname"], "/api");
    assert_eq!(openapi["openapi"], "3.2.0");
    let feed = &openapi["paths"]["/rooms/{room}/feed"]["get"]["responses"]["200"]["content"];
    assert!(feed["text/event-stream"]["itemSchema"].is_object(), "{feed}");
    assert!(openapi["paths"].get("/talk").is_none());
}

/// Another program has other routes beside these, which its linker has put in another order.
#[test]
fn another_program_has_the_same_contract() {
    let path = folder("program").join("ereo.gen.ts");
    let program = Command::new(env!("CARGO_BIN_EXE_ereo-contract")).arg(&path).status().unwrap();
    assert!(program.success());
    library().check(&path).unwrap();
}

#[test]
fn a_variable_makes_a_comparison_write() {
    let folder = folder("variable");
    let path = folder.join("ereo.gen.ts");
    let run = |value: &str| {
        let mut again = Command::new(std::env::current_exe().unwrap());
        again.args(["--exact", "compares", "--ignored"]).env("EREO_WRITE", value);
        again.env("CONTRACT_PATH", &path).output().unwrap().status.success()
    };
    assert!(!run("0") && !path.exists());
    assert!(run("1"));
    library().check(&path).unwrap();
}

/// What the test above runs.
#[test]
#[ignore = "run by another test"]
fn compares() {
    library().check(std::env::var_os("CONTRACT_PATH").unwrap()).unwrap();
}
