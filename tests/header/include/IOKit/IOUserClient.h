/* What a driver's dispatch table is made of, as far as the headers of iokit-uc use it. */
#ifndef IOUSERCLIENT_H
#define IOUSERCLIENT_H

#include <stddef.h>
#include <stdint.h>

typedef int IOReturn;
typedef uint32_t IOOptionBits;
typedef uint64_t IOByteCount;

typedef struct OSObject {
    int references;
} OSObject;

typedef struct IOExternalMethodArguments {
    uint32_t selector;
} IOExternalMethodArguments;

typedef IOReturn (*IOExternalMethodAction)(OSObject *target, void *reference, IOExternalMethodArguments *arguments);

typedef struct IOExternalMethodDispatch {
    IOExternalMethodAction function;
    uint32_t checkScalarInputCount;
    uint32_t checkStructureInputSize;
    uint32_t checkScalarOutputCount;
    uint32_t checkStructureOutputSize;
} IOExternalMethodDispatch;

typedef struct IOExternalMethodDispatch2022 {
    IOExternalMethodAction function;
    uint32_t checkScalarInputCount;
    uint32_t checkStructureInputSize;
    uint32_t checkScalarOutputCount;
    uint32_t checkStructureOutputSize;
    uint8_t allowAsync;
    const char *checkEntitlement;
} IOExternalMethodDispatch2022;

#define kIOUCVariableStructureSize 0xffffffff

enum {
    kIOUCScalarIScalarO = 0,
    kIOUCScalarIStructO = 2,
    kIOUCStructIStructO = 3,
    kIOUCScalarIStructI = 4
};

#ifdef __cplusplus
class IOService {
public:
    int state;
};

typedef IOReturn (IOService::*IOMethod)(void *, void *, void *, void *, void *, void *);

struct IOExternalMethod {
    IOService *object;
    IOMethod func;
    IOOptionBits flags;
    IOByteCount count0;
    IOByteCount count1;
};
#endif

#endif
