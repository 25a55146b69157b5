//! A program whose author denies every lint that there is, in every edition: what the macros write must be as clean
//! as what people write.
#![forbid(unsafe_code)]
#![deny(warnings, future_incompatible, nonstandard_style, rust_2018_idioms, unused, let_underscore)]
#![deny(
    missing_docs,
    missing_debug_implementations,
    missing_copy_implementations,
    unused_qualifications,
    unused_import_braces,
    unused_lifetimes,
    unused_results,
    unused_macro_rules,
    unreachable_pub,
    unnameable_types,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    explicit_outlives_requirements,
    redundant_lifetimes,
    elided_lifetimes_in_paths,
    keyword_idents_2024,
    let_underscore_drop,
    meta_variable_misuse,
    macro_use_extern_crate,
    non_ascii_idents,
    redundant_imports,
    variant_size_differences,
    ambiguous_negative_literals,
    unit_bindings,
    impl_trait_redundant_captures,
    absolute_paths_not_starting_with_crate
)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery)]
#![deny(
    clippy::allow_attributes_without_reason,
    clippy::empty_structs_with_brackets,
    clippy::expect_used,
    clippy::impl_trait_in_params,
    clippy::indexing_slicing,
    clippy::missing_asserts_for_indexing,
    clippy::missing_docs_in_private_items,
    clippy::module_name_repetitions,
    clippy::multiple_inherent_impl,
    clippy::panic,
    clippy::ref_patterns,
    clippy::renamed_function_params,
    clippy::same_name_method,
    clippy::semicolon_inside_block,
    clippy::shadow_reuse,
    clippy::shadow_same,
    clippy::shadow_unrelated,
    clippy::str_to_string,
    clippy::undocumented_unsafe_blocks,
    clippy::unneeded_field_pattern,
    clippy::unreachable,
    clippy::unwrap_used,
    clippy::use_self,
    clippy::wildcard_enum_match_arm
)]

pub mod conditions;
pub mod messages;
pub mod named;
pub mod routes;
pub mod sockets;
