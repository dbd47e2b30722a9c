/* The two functions of dev.loci.kernel.ffi.JniBinding: look-up and call, for native images, whose JNI functions are
 * linked in. JNI's own types are plain numbers here, so no JDK is needed to build this. */
#include <string.h>

#include "loci_kernels.h"

/* Made from the header's declarations: LOCI_FUNCTION(name) for each. */
static const struct {
    const char *name;
    int32_t (*function)(loci_context *, const void *);
} functions[] = {
#define LOCI_FUNCTION(name) {#name, (int32_t(*)(loci_context *, const void *))name},
#include "loci_functions.inc"
#undef LOCI_FUNCTION
};

LOCI_EXPORT int64_t Java_dev_loci_kernel_ffi_JniBinding_addressOf(void *env, void *class, int64_t symbol) {
    (void)env;
    (void)class;
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        if (strcmp(functions[i].name, (const char *)(intptr_t)symbol) == 0) {
            return (int64_t)(intptr_t)functions[i].function;
        }
    }
    return 0;
}

LOCI_EXPORT int32_t Java_dev_loci_kernel_ffi_JniBinding_invoke(void *env, void *class, int64_t function,
                                                               int64_t context, int64_t args) {
    (void)env;
    (void)class;
    int32_t (*call)(loci_context *, const void *) = (int32_t(*)(loci_context *, const void *))(intptr_t)function;
    return call((loci_context *)(intptr_t)context, (const void *)(intptr_t)args);
}
