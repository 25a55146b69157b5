#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| ereo_fuzzing::run("origins", input));
