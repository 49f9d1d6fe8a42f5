/*
 * Keys of the I/O Registry's properties, and names that I/O Kit's functions take.
 */
#ifndef IOKIT_IOKITKEYS_H
#define IOKIT_IOKITKEYS_H

/* Planes. */
#define kIOServicePlane                         "IOService"
#define kIOPowerPlane                           "IOPower"
#define kIODeviceTreePlane                      "IODeviceTree"
#define kIOAudioPlane                           "IOAudio"
#define kIOFireWirePlane                        "IOFireWire"
#define kIOUSBPlane                             "IOUSB"

/* Properties of the root. */
#define kIORegistryPlanesKey                    "IORegistryPlanes"
#define kIOCatalogueKey                         "IOCatalogue"
#define kIOKitBuildVersionKey                   "IOKitBuildVersion"
#define kIOKitDiagnosticsKey                    "IOKitDiagnostics"
#define kOSBuildVersionKey                      "OS Build Version"

/* Classes. */
#define kIOServiceClass                         "IOService"
#define kIOResourcesClass                       "IOResources"

/* Matching. */
#define kIORegistryEntryIDKey                   "IORegistryEntryID"
#define kIOProviderClassKey                     "IOProviderClass"
#define kIONameMatchKey                         "IONameMatch"
#define kIONameMatchedKey                       "IONameMatched"
#define kIOPropertyMatchKey                     "IOPropertyMatch"
#define kIOPropertyExistsMatchKey               "IOPropertyExistsMatch"
#define kIOPathMatchKey                         "IOPathMatch"
#define kIOLocationMatchKey                     "IOLocationMatch"
#define kIOParentMatchKey                       "IOParentMatch"
#define kIOResourceMatchKey                     "IOResourceMatch"
#define kIOResourceMatchedKey                   "IOResourceMatched"
#define kIOMatchedServiceCountKey               "IOMatchedServiceCountMatch"
#define kIOMatchCategoryKey                     "IOMatchCategory"
#define kIODefaultMatchCategoryKey              "IODefaultMatchCategory"

/* Drivers. */
#define kIOClassKey                             "IOClass"
#define kIOProbeScoreKey                        "IOProbeScore"
#define kIOKitDebugKey                          "IOKitDebug"
#define kIOCFPlugInTypesKey                     "IOCFPlugInTypes"

/* User clients. */
#define kIOUserClientClassKey                   "IOUserClientClass"
#define kIOUserClassKey                         "IOUserClass"
#define kIOUserClientCreatorKey                 "IOUserClientCreator"
#define kIOUserClientCrossEndianKey             "IOUserClientCrossEndian"
#define kIOUserClientCrossEndianCompatibleKey   "IOUserClientCrossEndianCompatible"
#define kIOUserClientSharedInstanceKey          "IOUserClientSharedInstance"
#define kIOUserClientEntitlementsKey            "IOUserClientEntitlements"

/* Notifications. */
#define kIOPublishNotification                  "IOServicePublish"
#define kIOFirstPublishNotification             "IOServiceFirstPublish"
#define kIOMatchedNotification                  "IOServiceMatched"
#define kIOFirstMatchNotification               "IOServiceFirstMatch"
#define kIOTerminatedNotification               "IOServiceTerminate"
#define kIOWillTerminateNotification            "IOServiceWillTerminate"
#define kIOGeneralInterest                      "IOGeneralInterest"
#define kIOBusyInterest                         "IOBusyInterest"
#define kIOAppPowerStateInterest                "IOAppPowerStateInterest"
#define kIOPriorityPowerStateInterest           "IOPriorityPowerStateInterest"
#define kIOConsoleSecurityInterest              "IOConsoleSecurityInterest"

/* The platform. */
#define kIOPlatformSerialNumberKey              "IOPlatformSerialNumber"
#define kIOPlatformUUIDKey                      "IOPlatformUUID"

/* Services that are BSD devices. */
#ifndef kIOBSDNameKey
#define kIOBSDNameKey                           "BSD Name"
#endif

#endif
