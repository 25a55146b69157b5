fn main() {
    let _ = ereo_runtime::routes("/v2");
}
