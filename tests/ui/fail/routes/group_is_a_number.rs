fn main() {
    let _ = ereo_runtime::routes().map(|routes| routes.group(2));
}
