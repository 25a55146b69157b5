//! Writes the contract of all shapes to the file that is named: `ereo-contract asyncapi.json`.

#![forbid(unsafe_code)]

use renamed::contract::Info;

fn main() -> std::io::Result<()> {
    let path = std::env::args_os().nth(1);
    let path = path.ok_or_else(|| std::io::Error::other("which file?"))?;
    // Or the linker drops the library, routes and all.
    ereo_contract::routes::text::path();
    let info = Info::new("Shapes", "1.0.0").server("https://shapes.example/api");
    renamed::routes()?.contract().strict().info(info).write(path)?;
    Ok(())
}
