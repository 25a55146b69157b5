//! Methods of `HttpServer` that features of actix-web add, on [`RealtimeServer`].
//!
//! Which of them there are is the application's choice, and no crate between can ask: so each is called by
//! its name. Where actix-web has it, that is actix's own, for a type's own methods go before those of traits.
//! Otherwise it is the one of [`Absent`], which says what is missing.

use std::any::Any;
use std::convert::Infallible;
use std::fmt::Debug;
use std::io;
use std::net::{TcpListener, ToSocketAddrs};
use std::time::Duration;

use actix_http::{Request, Response};
use actix_service::{IntoServiceFactory, Service, ServiceFactory};
use actix_web::body::MessageBody;
use actix_web::dev::AppConfig;
use actix_web::{Error, HttpServer};

use super::realtime_server::RealtimeServer;

/// Gives the configuration as the type that a method takes, which a feature of actix-web decides.
fn configured<C: 'static, T: 'static>(config: C, method: &str, feature: &str) -> io::Result<T> {
    let mut config = Some(config);
    let same = (&mut config as &mut dyn Any).downcast_mut::<Option<T>>().and_then(Option::take);
    same.ok_or_else(|| {
        let wanted = format!(
            "`{method}` needs actix-web's feature `{feature}`, and the configuration of the crate that it names"
        );
        io::Error::new(io::ErrorKind::InvalidInput, wanted)
    })
}

macro_rules! by_feature {
    ($($bind:ident, $listen:ident: $feature:literal;)*) => {
        /// The methods that `HttpServer` lacks without a feature of actix-web.
        #[allow(dead_code, reason = "a feature of actix-web takes the place of each")]
        pub(super) trait Absent: Sized {
            fn tls_handshake_timeout(self, _: Duration) -> Self {
                self
            }

            fn h2_initial_window_size(self, _: u32) -> Self {
                self
            }

            fn h2_initial_connection_window_size(self, _: u32) -> Self {
                self
            }

            fn bind_auto_h2c(self, _: impl ToSocketAddrs) -> io::Result<Self> {
                Err(no_http2())
            }

            fn listen_auto_h2c(self, _: TcpListener) -> io::Result<Self> {
                Err(no_http2())
            }

            $(fn $bind(self, _: impl ToSocketAddrs, config: Infallible) -> io::Result<Self> {
                match config {}
            }

            fn $listen(self, _: TcpListener, config: Infallible) -> io::Result<Self> {
                match config {}
            })*
        }

        impl<F, I, S, B> RealtimeServer<F, I, S, B>
        where
            F: Fn() -> I + Send + Clone + 'static,
            I: IntoServiceFactory<S, Request>,
            S: ServiceFactory<Request, Config = AppConfig> + 'static,
            S::Error: Into<Error> + 'static,
            S::InitError: Debug,
            S::Response: Into<Response<B>> + 'static,
            <S::Service as Service<Request>>::Future: 'static,
            S::Service: 'static,
            B: MessageBody + 'static,
        {
            /// As `HttpServer::bind_auto_h2c`.
            ///
            /// # Errors
            /// As [`RealtimeServer::bind`], and `Unsupported` without the feature `http2`, of this crate or of
            /// actix-web.
            pub fn bind_auto_h2c(self, addresses: impl ToSocketAddrs) -> io::Result<Self> {
                self.listening(|server| server.bind_auto_h2c(addresses))
            }

            /// As `HttpServer::listen_auto_h2c`.
            ///
            /// # Errors
            /// As [`RealtimeServer::bind_auto_h2c`].
            pub fn listen_auto_h2c(self, listener: TcpListener) -> io::Result<Self> {
                self.listening(|server| server.listen_auto_h2c(listener))
            }

            $(#[doc = concat!("As `HttpServer::", stringify!($bind), "`.")]
            ///
            /// # Errors
            #[doc = concat!(
                "As [`RealtimeServer::bind`], and `InvalidInput` without actix-web's feature `", $feature,
                "`, or where `config` is not what that method takes."
            )]
            pub fn $bind(
                self,
                addresses: impl ToSocketAddrs,
                config: impl Any,
            ) -> io::Result<Self> {
                let config = configured(config, stringify!($bind), $feature)?;
                self.listening(|server| server.$bind(addresses, config))
            }

            #[doc = concat!("As `HttpServer::", stringify!($listen), "`.")]
            ///
            /// # Errors
            #[doc = concat!("As [`RealtimeServer::", stringify!($bind), "`].")]
            pub fn $listen(self, listener: TcpListener, config: impl Any) -> io::Result<Self> {
                let config = configured(config, stringify!($listen), $feature)?;
                self.listening(|server| server.$listen(listener, config))
            })*
        }
    };
}

by_feature! {
    bind_rustls, listen_rustls: "rustls-0_20";
    bind_rustls_021, listen_rustls_0_21: "rustls-0_21";
    bind_rustls_0_22, listen_rustls_0_22: "rustls-0_22";
    bind_rustls_0_23, listen_rustls_0_23: "rustls-0_23";
    bind_openssl, listen_openssl: "openssl";
}

impl<F, I, S, B> Absent for HttpServer<F, I, S, B>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig>,
    S::Error: Into<Error>,
    S::InitError: Debug,
    S::Response: Into<Response<B>>,
    B: MessageBody,
{
}

fn no_http2() -> io::Error {
    io::Error::new(
        io::ErrorKind::Unsupported,
        "HTTP/2 needs the feature `http2` of ereo-runtime or of actix-web",
    )
}
