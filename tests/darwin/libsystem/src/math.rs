//! `math.h`, and integers wider than registers.

use std::hint::black_box;

use darwin_loader::{Export, exports};

#[link(name = "m")]
unsafe extern "C" {}

pub(crate) fn exports() -> Vec<Export> {
    [
        same! {
            acos, acosf, acosh, asin, asinf, asinh, atan, atan2, atan2f, atanf, atanh, cbrt, cbrtf, ceil,
            ceilf, copysign, copysignf, cos, cosf, cosh, coshf, erf, erfc, exp, exp2, exp2f, expf, expm1,
            expm1f, fabs, fabsf, fdim, fdimf, floor, floorf, fma, fmaf, fmax, fmaxf, fmin, fminf, fmod, fmodf,
            frexp, hypot, hypotf, ldexp, lgamma, lgamma_r, lgammaf_r, llround, log, log10, log10f, log1p,
            log1pf, log2, log2f, logf, lrint, lround, lroundf, modf, nearbyint, pow, powf, remainder, rint,
            rintf, round, roundf, scalbn, sin, sinf, sinh, sinhf, sqrt, sqrtf, tan, tanf, tanh, tanhf, tgamma,
            tgammaf, trunc, truncf,
        },
        same![__divti3, __modti3, __udivti3, __umodti3],
        exports![power_of_ten as "__exp10", power_of_ten_f32 as "__exp10f"],
        exports![sine_and_cosine as "__sincos_stret", sine_and_cosine_f32 as "__sincosf_stret"],
    ]
    .concat()
}

/// What compilers make of `pow` with a base of 10: as exact as `pow`, which glibc's `exp10` is not. The base is hidden
/// for this not to become a call of that.
extern "C" fn power_of_ten(exponent: f64) -> f64 {
    black_box(10_f64).powf(exponent)
}

extern "C" fn power_of_ten_f32(exponent: f32) -> f32 {
    black_box(10_f32).powf(exponent)
}

/// What compilers make of a sine and a cosine of the same angle.
#[repr(C)]
struct SineAndCosine<T> {
    sine: T,
    cosine: T,
}

extern "C" fn sine_and_cosine(angle: f64) -> SineAndCosine<f64> {
    let (sine, cosine) = angle.sin_cos();
    SineAndCosine { sine, cosine }
}

extern "C" fn sine_and_cosine_f32(angle: f32) -> SineAndCosine<f32> {
    let (sine, cosine) = angle.sin_cos();
    SineAndCosine { sine, cosine }
}
