//! What is said at the start, of addresses, users and servers that will not do, and that no password is in it.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use std::{env, fs, thread};

use ereo_runtime::broadcast::store::redis::ConnectError;
use ereo_runtime::{ClientSet, Delivery, Health, LastEventId, PresenceEvent, Redis};
use tokio::time::timeout;

use crate::server::{FORGETS, RedisServer};

const SECRET: &str = "correct-horse";

/// All that is traced in this process, with every target and level.
#[derive(Clone, Default)]
struct Traced(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Traced {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Traced {
    fn all() -> &'static Self {
        static ALL: OnceLock<Traced> = OnceLock::new();
        ALL.get_or_init(|| {
            let traced = Self::default();
            let writer = traced.clone();
            tracing_subscriber::fmt()
                .with_max_level(tracing::Level::TRACE)
                .with_ansi(false)
                .with_writer(move || writer.clone())
                .init();
            traced
        })
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }

    async fn until(&self, part: &str) {
        for _ in 0..500 {
            if self.text().contains(part) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("nothing with {part:?} in\n{}", self.text());
    }
}

/// Whether it takes and gives a message.
pub async fn works(store: &Redis) {
    let set = ClientSet::<String>::builder().store(store.log("works")).build();
    let mut reader = set.subscribe(LastEventId::none());
    let placed = timeout(Duration::from_secs(10), set.broadcast(&"text".to_owned()).unwrap());
    placed.await.unwrap().unwrap();
    match timeout(Duration::from_secs(10), reader.recv()).await.unwrap() {
        Some(Delivery::Message { message, .. }) => assert_eq!(*message, "text"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_without_its_password() {
    let wrong = [
        "",
        "localhost",
        "http://localhost",
        "redis://",
        &format!("redis://user:{SECRET}@"),
        &format!("redis://user:{SECRET}@host:port"),
        &format!("redis://user:{SECRET}@host/database"),
        &format!("rediss://user:{SECRET}@host#fragment"),
    ];
    for url in wrong {
        let error = Redis::connect(url).await.unwrap_err();
        assert!(matches!(error, ConnectError::Url { .. }), "{url}: {error:?}");
        let said = format!("{error} {error:?}");
        assert!(!said.contains(SECRET) && said.contains("redis://host:6379"), "{said}");
    }
}

#[tokio::test]
async fn nobody_answers() {
    let error = Redis::connect("redis://127.0.0.1:1").await.unwrap_err();
    assert!(error.to_string().contains("127.0.0.1:1"), "{error}");
    assert!(matches!(error, ConnectError::Unreachable { .. }), "{error:?}");
}

/// One that answers `INFO` like this.
fn answering(info: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for socket in listener.incoming() {
            let Ok(mut socket) = socket else { return };
            thread::spawn(move || {
                let mut buffer = [0; 4096];
                while let Ok(count) = socket.read(&mut buffer) {
                    if count == 0 {
                        return;
                    }
                    let asked = String::from_utf8_lossy(&buffer[..count]).into_owned();
                    let mut answer = String::new();
                    // Each command is an array of bulk strings.
                    for command in asked.split('*').skip(1) {
                        if command.contains("INFO\r\n") && !command.contains("SETINFO") {
                            answer += &format!("${}\r\n{info}\r\n", info.len());
                        } else {
                            answer += "+OK\r\n";
                        }
                    }
                    let _ = socket.write_all(answer.as_bytes());
                }
            });
        }
    });
    url
}

#[tokio::test]
async fn a_version_that_is_too_old_is_refused() {
    let old = answering("redis_version:5.0.14\r\nrole:master\r\n");
    let error = Redis::connect(old).await.unwrap_err();
    assert_eq!(error, ConnectError::TooOld { version: "5.0.14".to_owned() });
    let hides = answering("redis_version:7.2.4\r\nrole:master\r\n");
    assert_eq!(Redis::connect(hides).await.unwrap_err(), ConnectError::Hidden);
}

#[tokio::test]
async fn a_server_without_scripts_is_refused() {
    let server = RedisServer::start(&["--rename-command", "SCRIPT", ""]);
    let error = Redis::connect(server.url()).await.unwrap_err();
    assert!(matches!(error, ConnectError::NoScripts { .. }), "{error:?}");
    assert!(error.to_string().contains("EVALSHA"), "{error}");
}

#[tokio::test]
async fn a_cluster_is_refused() {
    let server = RedisServer::start(&["--cluster-enabled", "yes"]);
    let error = Redis::connect(server.url()).await.unwrap_err();
    assert_eq!(error, ConnectError::Cluster);
}

#[tokio::test]
async fn a_replica_is_waited_for_and_refused() {
    let server = RedisServer::start(FORGETS);
    server.say(&["REPLICAOF", "127.0.0.1", "1"]);
    let error = Redis::connect(server.url()).await.unwrap_err();
    assert!(error.to_string().contains("replica"), "{error}");
}

#[tokio::test]
async fn a_policy_that_evicts_is_warned_of() {
    let traced = Traced::all();
    let server = RedisServer::start(&["--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"]);
    let store = Redis::connect(server.url()).await.unwrap();
    traced.until(&format!("address=\"{}\"", server.address())).await;
    let text = traced.text();
    let line = text.lines().find(|line| line.contains(&server.address().to_string())).unwrap();
    assert!(line.contains("WARN") && line.contains("noeviction"), "{line}");
    works(&store).await;
}

#[tokio::test]
async fn a_key_of_another_program_is_left_alone_and_told() {
    let traced = Traced::all();
    for (key, command) in [
        ("ereo:{mine}:m", &["SET", "ereo:{mine}:m", "x"][..]),
        ("ereo:{mine}:m", &["HSET", "ereo:{mine}:m", "field", "x"]),
        ("ereo:{mine}:l", &["SADD", "ereo:{mine}:l", "x"]),
        ("ereo:{mine}:l", &["RPUSH", "ereo:{mine}:l", "x"]),
    ] {
        let server = RedisServer::start(FORGETS);
        server.say(command);
        let store = Redis::connect(server.url()).await.unwrap();
        let set = ClientSet::<String>::builder().store(store.log("mine")).build();
        let receipt = set.broadcast(&"text".to_owned()).unwrap();
        let mut health = set.watch_health();
        let is_down = |health: &Health| matches!(health, Health::Down { .. });
        timeout(Duration::from_secs(5), health.wait_for(is_down)).await.unwrap().unwrap();
        traced.until(&format!("the key `{key}` in Redis is another program's: remove it")).await;
        assert_eq!(server.say(&["KEYS", "ereo:{mine}:*"]), key, "{command:?}");
        server.say(&["DEL", key]);
        timeout(Duration::from_secs(5), receipt).await.unwrap().unwrap();
        assert_eq!(set.health(), Health::Up);
    }
}

/// Whether who comes to one node, and leaves, does so at the other, while each asks whether the other lives.
async fn members_work(here: &Redis, there: &Redis, server: &RedisServer) {
    let set = |store: &Redis| ClientSet::<String>::builder().store(store.log("members")).build();
    let (here, there) = (set(here), set(there));
    let mut news = there.presence();
    // Nobody is there yet.
    let nobody = timeout(Duration::from_secs(60), news.recv()).await.unwrap();
    assert_eq!(nobody, Some(PresenceEvent::Members { members: Vec::new() }));
    let mut own = there.subscribe(LastEventId::none()).as_member("ben", "there").unwrap();
    let mut ann = here.subscribe(LastEventId::none()).as_member("ann", "here").unwrap();
    let comes_and_goes = async {
        let mut told = Vec::new();
        while !told.contains(&"+ann".to_owned()) {
            match news.recv().await.unwrap() {
                PresenceEvent::Joined(member) => told.push(format!("+{}", member.key())),
                other => panic!("{other:?}"),
            }
        }
    };
    let reads = async {
        tokio::join!(own.recv(), ann.recv());
    };
    tokio::select! {
        () = comes_and_goes => {}
        () = reads => panic!("a reader has ended"),
        () = tokio::time::sleep(Duration::from_secs(60)) => panic!("nobody joins"),
    }
    let has_asked = || {
        let user = ["--user", "ereo", "--pass", SECRET, "--no-auth-warning"];
        let stats = server.say(&[&user[..], &["INFO", "commandstats"]].concat());
        let leases = stats.lines().find(|line| line.starts_with("cmdstat_pttl:"));
        leases.is_some_and(|leases| !leases.contains(":calls=0,"))
    };
    for _ in 0..3000 {
        if has_asked() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(has_asked(), "nobody asks whether the other lives");
    drop(ann);
    let left = timeout(Duration::from_secs(60), news.recv()).await.unwrap();
    assert!(matches!(left, Some(PresenceEvent::Left(member)) if member.key() == "ann"));
}

/// The rule of docs/STORES.md.
#[tokio::test]
async fn a_user_who_may_do_no_more_than_is_needed() {
    let traced = Traced::all();
    let rule = include_str!("../../../docs/STORES.md");
    let rule = rule.split_once("ACL SETUSER ereo ").unwrap().1.lines().next().unwrap();
    let server = RedisServer::start(FORGETS);
    let rule = rule.replace(">password", &format!(">{SECRET}"));
    let words: Vec<_> = ["ACL", "SETUSER", "ereo"].into_iter().chain(rule.split(' ')).collect();
    assert_eq!(server.say(&words), "OK");
    server.say(&["ACL", "SETUSER", "default", "off"]);
    let with = |password: &str| format!("redis://ereo:{password}@{}", server.address());
    let store = Redis::connect(with(SECRET)).await.unwrap();
    works(&store).await;
    members_work(&store, &Redis::connect(with(SECRET)).await.unwrap(), &server).await;
    let wrong = Redis::connect(with(&format!("{SECRET}-not"))).await.unwrap_err();
    assert!(matches!(wrong, ConnectError::Forbidden { .. }), "{wrong:?}");
    let none = Redis::connect(server.url()).await.unwrap_err();
    assert!(matches!(none, ConnectError::Forbidden { .. }), "{none:?}");
    let said = format!("{store:?} {:?} {wrong} {wrong:?} {none}", store.log("set"));
    assert!(said.contains(&server.address().to_string()), "{said}");
    assert!(!said.contains(SECRET), "{said}");
    assert!(!traced.text().contains(SECRET), "it is traced");
}

#[tokio::test]
async fn a_unix_socket_does_as_well() {
    let server = RedisServer::start(FORGETS);
    let store = Redis::connect(format!("unix:{}", server.socket().display())).await.unwrap();
    works(&store).await;
}

const CHILD: &str = "EREO_TEST_REDISS";

/// In a process of its own, whose roots are the test's: with two providers compiled in, and none chosen.
#[tokio::test]
async fn child() {
    let Ok(url) = env::var(CHILD) else { return };
    works(&Redis::connect(url).await.unwrap()).await;
    println!("it works");
}

#[tokio::test]
async fn tls_does_as_well() {
    let pem = |what: &str, der: &[u8]| {
        let text = base64(der);
        format!("-----BEGIN {what}-----\n{text}\n-----END {what}-----\n")
    };
    let folder = env::temp_dir().join(format!("ereo-tls-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    let der = include_bytes!("../http/support/tls/certificate.der");
    fs::write(&certificate, pem("CERTIFICATE", der)).unwrap();
    fs::write(&key, pem("PRIVATE KEY", include_bytes!("../http/support/tls/key.der"))).unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let tls = ["--tls-port", &port.to_string(), "--tls-auth-clients", "no"];
    let [certificate, key] = [&certificate, &key].map(|path| path.to_str().unwrap());
    let files = ["--tls-cert-file", certificate, "--tls-key-file", key];
    let files = [&files[..], &["--tls-ca-cert-file", certificate]].concat();
    let _server = RedisServer::start(&[&tls[..], &files].concat());
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "start::child", "--nocapture"])
        .env(CHILD, format!("rediss://localhost:{port}"))
        .env("SSL_CERT_FILE", certificate)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("it works"), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let _ = fs::remove_dir_all(folder);
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |group: &[u8]| {
        let bits = group.iter().chain([0, 0].iter()).take(3);
        let bits = bits.fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        (0..4)
            .map(|at| match at <= group.len() {
                true => char::from(LETTERS[(bits >> (18 - 6 * at)) as usize & 63]),
                false => '=',
            })
            .collect::<String>()
    };
    let groups: Vec<_> = bytes.chunks(3).map(group).collect();
    groups.chunks(16).map(|line| line.concat() + "\n").collect::<String>().trim_end().to_owned()
}
